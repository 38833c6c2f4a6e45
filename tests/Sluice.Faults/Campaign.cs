using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Sluice.Faults.Kit;
using Sluice.Faults.Network;

namespace Sluice.Faults;

/// <summary>Moves bytes through one bad network after the other, on each engine, and prints the results.</summary>
internal sealed class Campaign(Settings settings)
{
    private readonly TimeSpan _time = settings.Duration ?? TimeSpan.FromSeconds(4);
    private readonly Score _score = new();
    private double _gigabytes;

    public static async Task<int> RunAsync(Settings settings)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/dev/net/tun"))
        {
            Console.WriteLine("0 passed, 0 failed: a network of its own needs Linux, root and /dev/net/tun.");
            return 0;
        }

        Link link;
        try
        {
            link = await Link.CreateAsync(settings.Seed);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            Console.WriteLine($"0 passed, 0 failed: there is no network of its own. {exception.Message}");
            return 0;
        }

        using (link)
        {
            return await new Campaign(settings).RunAsync(link);
        }
    }

    private async Task<int> RunAsync(Link link)
    {
        NetworkFault[] faults = [.. NetworkFault.All.Where(fault => fault.Name.Contains(settings.Fault, StringComparison.OrdinalIgnoreCase))];
        Console.WriteLine($"{faults.Length} networks, {settings.Connections} connections, {_time.TotalSeconds:0} s each, seed {settings.Seed}");
        foreach (SelectorEngine engine in settings.Engines)
        {
            link.Set(NetworkFault.All[0]);
            await using Child server = await Child.StartAsync(Commands.StartHere(link.ServerNamespace, "serve", $"{engine}"));
            foreach (NetworkFault fault in faults)
            {
                await RunAsync(link, engine, fault, server);
            }
        }

        Console.WriteLine($"{_gigabytes:0.00} GB arrived");
        int code = _score.End();
        return _score.Passed > 0 ? code : 1;
    }

    private async Task RunAsync(Link link, SelectorEngine engine, NetworkFault fault, Child server)
    {
        link.Set(fault);
        long began = Stopwatch.GetTimestamp();
        long overflows = link.Overflows;
        using Process mover = Commands.StartHere(
            link.ClientNamespace, "move", $"{engine}", Link.ServerAddress, $"{settings.Connections}", string.Create(CultureInfo.InvariantCulture, $"{_time.TotalSeconds}"), $"{settings.Seed}");
        string output = await mover.StandardOutput.ReadToEndAsync();
        await mover.WaitForExitAsync();
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] fields = lines.Length > 0 ? lines[0].Split(' ', 6) : [];
        bool told = fields.Length == 6 && mover.ExitCode == 0;
        long bytes = told ? Number(fields[0]) : 0;
        bool isGood = told && Number(fields[3]) == 0 && Number(fields[4]) == 0 && (fault.MayFail || (Number(fields[2]) == 0 && Number(fields[1]) > 0));
        _gigabytes += bytes / 1e9;
        string result = told
            ? $"{bytes / 1e6:0.0} MB, {fields[1]} connections complete, {fields[2]} failed ({fields[5]}), {fields[3]} wrong, {fields[4]} hung, {link.Overflows - overflows} packets too many"
            : $"the mover ended with {mover.ExitCode}: {output}";
        _score.Report(isGood, $"{engine}, {fault.Name}: {result}, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        string logged = string.Join(' ', await server.AskAsync());
        if (isGood)
        {
            return;
        }

        foreach (string line in lines.Skip(1).Append($"server: {logged}"))
        {
            Console.WriteLine($"     {line}");
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
