using Sluice.Client;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>
/// Callers share a request channel, and cancel; one may block its thread. The peer answers, ends, resets, or the channel is disposed of. Each request ends
/// with its own reply, or in a way that is allowed.
/// </summary>
internal sealed class RequestingRace : Race
{
    public override async Task RunAsync(Round round)
    {
        (Connection client, Connection peer) = await round.World.ConnectPairAsync();
        var options = new RequestChannelOptions { MaxInFlight = round.Random.Next(1, 20), RequestTimeout = TimeSpan.FromSeconds(20) };
        RequestChannel<string, string> channel = RequestChannel.Create(client, FrameEncoder.Lines("\n"), FrameDecoder.Lines(), options);
        int callers = round.Random.Next(1, 5);
        Random answering = round.Fork();
        Random ending = round.Fork();
        int calling = callers;
        await round.TogetherAsync([
            () => AnswerAsync(round, peer, answering),
            () => EndAsync(round, channel, peer, ending),
            .. Enumerable.Range(0, callers).Select(caller => CallingBy(round, channel, caller, round.Fork(), onEnd: () =>
            {
                // Nothing else ends the peer if it is spared.
                if (Interlocked.Decrement(ref calling) == 0)
                {
                    peer.Abort();
                }
            })),
        ]);
        await round.TryAsync(Allowed.None, () => channel.DisposeAsync(), what: "Disposing of a request channel");
        await round.TryAsync(Allowed.None, () => channel.Completion, what: "The completion of a request channel");
        if (channel.InFlight != 0 || channel.Queued != 0)
        {
            round.Fault($"{channel.InFlight} requests are in flight, and {channel.Queued} queued, after the disposal.");
        }

        peer.Abort();
    }

    private static Func<Task> CallingBy(Round round, RequestChannel<string, string> channel, int caller, Random random, Action onEnd) => async () =>
    {
        bool goesOn = true;
        for (int i = 0; i < 40 && goesOn; i++)
        {
            string text = $"{caller}.{i}{new string('x', random.Next(5) == 0 ? random.Next(20_000) : 0)}";
            using var cancelling = new CancellationTokenSource();
            ValueTask<string> sending = channel.SendAsync(text, cancelling.Token);
            if (random.Next(4) == 0)
            {
                Thread.SpinWait(random.Next(2_000));
                await cancelling.CancelAsync();
            }

            goesOn = false;
            await round.TryAsync(
                Allowed.Peer | Allowed.Canceled,
                async () =>
                {
                    // An exception of the connection ends the caller, a cancellation does not.
                    try
                    {
                        string reply = await sending.ConfigureAwait(false);
                        if (reply != text)
                        {
                            round.Fault($"'{text[..Math.Min(text.Length, 20)]}' got the reply '{reply[..Math.Min(reply.Length, 20)]}'.");
                        }

                        goesOn = true;
                    }
                    catch (OperationCanceledException)
                    {
                        goesOn = true;
                        throw;
                    }
                },
                cancelling.Token,
                "A request");
            if (random.Next(30) == 0)
            {
                Thread.Sleep(5);
            }
        }

        onEnd();
    };

    private static async Task AnswerAsync(Round round, Connection peer, Random random)
    {
        await round.TryAsync(
            Allowed.Peer | Allowed.Closed,
            async () =>
            {
                while (await peer.Input.ReadLineAsync().ConfigureAwait(false) is { } line)
                {
                    await peer.Output.WriteStringAsync(line + "\n").ConfigureAwait(false);
                    if (random.Next(50) == 0)
                    {
                        await Task.Yield();
                    }
                }
            },
            what: "Answering");
    }

    private static async Task EndAsync(Round round, RequestChannel<string, string> channel, Connection peer, Random random)
    {
        Thread.SpinWait(random.Next(300_000));
        switch (random.Next(4))
        {
            case 0:
                await round.TryAsync(Allowed.None, peer.Abort, "Aborting the peer");
                break;
            case 1:
                await round.TryAsync(Allowed.None, () => peer.CloseAsync(), what: "Closing the peer");
                break;
            case 2:
                await round.TryAsync(Allowed.None, () => channel.DisposeAsync(), what: "Disposing of a request channel");
                break;
        }
    }
}
