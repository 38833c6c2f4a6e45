using System.Net.Sockets;

namespace Sluice.Faults.Attacking;

/// <summary>The peers of an attack, in a process of their own.</summary>
internal static class Attackers
{
    /// <summary>Attacks until the standard input ends, and answers each line of it with the number of actions. Ready when each peer is connected for the first time, or its connect has failed.</summary>
    public static async Task RunAsync(Attack attack, int[] ports, int seed)
    {
        using var end = new CancellationTokenSource();
        var pace = new Pace(attack.Rate);
        Task[] peers = [.. Enumerable.Range(0, attack.Connections).Select(number => KeepAsync(attack, new AttackPeer(ports, number, seed, pace, end.Token)))];
        await Task.Delay(TimeSpan.FromSeconds(1));
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"{pace.Count}");
        }

        await end.CancelAsync();
        await Task.WhenAll(peers);
    }

    private static async Task KeepAsync(Attack attack, AttackPeer peer)
    {
        while (!peer.End.IsCancellationRequested)
        {
            try
            {
                await attack.RunAsync(peer);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The server has ended the connection. The next one comes at the attack's pace.
                await peer.PaceAsync().ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }
}
