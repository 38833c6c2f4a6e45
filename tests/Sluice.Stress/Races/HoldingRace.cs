using System.Buffers;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Bytes are lent to a reader, and memory to a writer, while another thread ends the connection: what is lent stays as it is until it is given back.</summary>
internal sealed class HoldingRace : Race
{
    public override async Task RunAsync(Round round)
    {
        (Connection first, Connection second) = await round.World.ConnectPairAsync();
        const int count = 3000;
        await first.Output.WriteAsync(Pattern.At(0, count));
        await first.Output.FlushAsync();
        var side = new Side(round, second, "The holder");
        int how = round.Random.Next(3);
        Random ending = round.Fork();
        await round.TogetherAsync(
            () => round.TryAsync(Allowed.Closed | Allowed.Peer, () => HoldReadAsync(second.Input, how), what: "Holding what was read"),
            () => round.TryAsync(Allowed.Closed | Allowed.Peer | Allowed.Busy, () => HoldWriteAsync(second.Output), what: "Holding what is written"),
            () => side.EndAsync(ending),
            () => side.EndAsync(ending));
        await side.AbortAsync();
        first.Abort();
    }

    private static async Task HoldReadAsync(ByteReadChannel input, int how)
    {
        ReadOnlySequence<byte> bytes = how switch
        {
            0 => await input.PeekAsync(2000),
            1 => await input.ReadLineBytesAsync() ?? default,
            _ => (await input.AsPipeReader().ReadAsync()).Buffer,
        };
        for (int i = 0; i < 20; i++)
        {
            Pattern.Check(bytes.FirstSpan, 0);
            Thread.Yield();
        }

        if (how == 2)
        {
            input.AsPipeReader().AdvanceTo(bytes.End);
        }
        else
        {
            // The next read gives it back.
            await input.ReadAsync(new byte[1]);
        }
    }

    private static async Task HoldWriteAsync(ByteWriteChannel output)
    {
        for (int i = 0; i < 10; i++)
        {
            Memory<byte> memory = output.AsPipeWriter().GetMemory(1000);
            for (int at = 0; at < memory.Length; at += 500)
            {
                memory.Span[at] = 1;
                Thread.Yield();
            }

            output.AsPipeWriter().Advance(1000);
            if ((await output.AsPipeWriter().FlushAsync()).IsCompleted)
            {
                return;
            }
        }
    }
}
