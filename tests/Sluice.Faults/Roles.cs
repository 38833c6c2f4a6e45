using System.Globalization;
using Sluice.Faults.Attacking;
using Sluice.Faults.Limiting;
using Sluice.Faults.Lines;
using Sluice.Faults.Moving;
using Sluice.Faults.Overloading;
using Sluice.Faults.Soaking;

namespace Sluice.Faults;

/// <summary>What this program does in the processes that a campaign starts.</summary>
internal static class Roles
{
    /// <summary>Plays a role. False if the command line names none.</summary>
    public static async Task<bool> TryPlayAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["serve", var engine]:
                await EchoServer.RunAsync(Engine(engine));
                return true;
            case ["move", var engine, var server, var connections, var seconds, var seed]:
                TallyLine.Print(await new Mover(
                    Engine(engine), server, Number(connections), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), Number(seed)).RunAsync());

                // A connection that hangs must not hold up the process.
                Environment.Exit(0);
                return true;
            case ["lines", var engine]:
                await LineServer.RunAsync(Engine(engine));
                return true;
            case ["soak-load", var engine, var plainPort, var tlsPort]:
                await new SoakLoad(Engine(engine), Number(plainPort), Number(tlsPort)).RunAsync();
                return true;
            case ["hold", var port, var count, var length]:
                await HeldPeers.RunAsync(Number(port), Number(count), Number(length));
                return true;
            case ["attack", var name, var seed, .. var ports]:
                await Attackers.RunAsync(Attacks.All.First(attack => attack.Name == name), [.. ports.Select(Number)], Number(seed));
                return true;
            case ["work", var engine]:
                await WorkServer.RunAsync(Engine(engine));
                return true;
            case ["overload", var engine, var port]:
                await LoadProcess.RunAsync(Engine(engine), Number(port));
                return true;
            default:
                return false;
        }
    }

    private static SelectorEngine Engine(string name) => Enum.Parse<SelectorEngine>(name);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
