using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>A relay joins two connections, or copies one to the other, while any of the four ends closes and the relay is cancelled.</summary>
internal sealed class JoiningRace : Race
{
    public override async Task RunAsync(Round round)
    {
        (Connection client, Connection inner) = await round.World.ConnectPairAsync();
        (Connection outer, Connection server) = await round.World.ConnectPairAsync();
        Side[] sides = [new Side(round, client, "The client"), new Side(round, server, "The server")];
        using var cancelling = new CancellationTokenSource();
        long count = round.Random.Next(300_000);
        Connection[] all = [client, inner, outer, server];
        Connection ending = all[round.Random.Next(4)];
        Random chance = round.Fork(), first = round.Fork(), second = round.Fork(), third = round.Fork();
        await round.TogetherAsync(
            () => sides[0].WriteAsync(first, count),
            () => sides[1].ReadAsync(second),
            () => sides[1].WriteAsync(third, count),
            () => sides[0].ReadAsync(chance),
            () => round.TryAsync(
                Allowed.Closed | Allowed.Peer | Allowed.Canceled, () => inner.JoinAsync(outer, cancelling.Token), cancelling.Token, "The relay"),
            async () =>
            {
                Thread.SpinWait(round.Random.Next(300_000));
                if (ending == inner || ending == outer)
                {
                    await (round.Random.Next(3) switch
                    {
                        0 => round.TryAsync(Allowed.None, ending.Abort, "Aborting an end of the relay"),
                        1 => round.TryAsync(Allowed.None, () => ending.CloseAsync(), what: "Closing an end of the relay"),
                        _ => round.TryAsync(Allowed.None, cancelling.Cancel, "Cancelling the relay"),
                    });
                }
                else
                {
                    await sides[ending == client ? 0 : 1].EndAsync(round.Random);
                }

                await Task.Delay(3);
                await Task.WhenAll(sides.Select(side => side.AbortAsync()));
                inner.Abort();
                outer.Abort();
            });
    }
}
