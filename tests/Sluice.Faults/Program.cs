using System.Globalization;
using Sluice;
using Sluice.Faults;
using Sluice.Faults.Moving;
using Sluice.Faults.Stopping;

switch (args)
{
    case ["serve", var engine]:
        await EchoServer.RunAsync(Enum.Parse<SelectorEngine>(engine));
        return 0;
    case ["move", var engine, var server, var connections, var seconds, var seed]:
        TallyLine.Print(await new Mover(
            Enum.Parse<SelectorEngine>(engine),
            server,
            int.Parse(connections, CultureInfo.InvariantCulture),
            TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
            int.Parse(seed, CultureInfo.InvariantCulture)).RunAsync());

        // A connection that hangs must not hold up the process.
        Environment.Exit(0);
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

if (settings.Stops > 0)
{
    return await new StopCampaign(settings).RunAsync();
}

if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/dev/net/tun"))
{
    Console.WriteLine("0 passed, 0 failed: a network of its own needs Linux, root and /dev/net/tun.");
    return 0;
}

return await new Campaign(settings).RunAsync();
