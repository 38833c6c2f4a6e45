using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Both ends read and write while one or both of them close, abort, complete or shut down from other threads.</summary>
internal sealed class ClosingRace : Race
{
    public override async Task RunAsync(Round round)
    {
        (Connection first, Connection second) = await round.World.ConnectPairAsync();
        Side[] sides = [new Side(round, first, "One end"), new Side(round, second, "The other end")];
        long count = round.Random.Next(200_000);
        var actions = new List<Func<Task>>();
        foreach (Side side in sides)
        {
            Random reading = round.Fork(), writing = round.Fork();
            actions.Add(() => side.ReadAsync(reading));
            actions.Add(() => side.WriteAsync(writing, count));
        }

        for (int i = round.Random.Next(1, 4); i > 0; i--)
        {
            Side side = sides[round.Random.Next(2)];
            Random ending = round.Fork();
            actions.Add(() => side.EndAsync(ending));
        }

        // The rest of it ends a little later, so that what has ended on one side alone does not wait for ever.
        actions.Add(async () =>
        {
            await Task.Delay(3);
            await Task.WhenAll(sides.Select(side => side.AbortAsync()));
        });
        await round.TogetherAsync([.. actions]);
    }
}
