using Sluice.Faults;
using Sluice.Faults.Attacking;
using Sluice.Faults.Leaking;
using Sluice.Faults.Limiting;
using Sluice.Faults.Overloading;
using Sluice.Faults.Soaking;
using Sluice.Faults.Stopping;

if (await Roles.TryPlayAsync(args))
{
    return 0;
}

Settings settings;
try
{
    settings = Settings.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

if (settings.Kind is not (CampaignKind.Networks or CampaignKind.Stops) && !OperatingSystem.IsLinux())
{
    Console.WriteLine("0 passed, 0 failed: this campaign reads what Linux says about processes.");
    return 0;
}

return settings.Kind switch
{
    CampaignKind.Stops => await new StopCampaign(settings).RunAsync(),
    CampaignKind.Soak => await new SoakCampaign(settings).RunAsync(),
    CampaignKind.Leaks => await new LeakCampaign(settings).RunAsync(),
    CampaignKind.Memory => await new MemoryCampaign(settings).RunAsync(),
    CampaignKind.Attack => await new AttackCampaign(settings).RunAsync(),
    CampaignKind.Overload => await new OverloadCampaign(settings).RunAsync(),
    _ => await Campaign.RunAsync(settings),
};
