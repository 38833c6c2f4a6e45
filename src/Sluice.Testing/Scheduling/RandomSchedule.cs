namespace Sluice.Testing.Scheduling;

/// <summary>Chooses with the same probability for each piece of work.</summary>
internal sealed class RandomSchedule(SeededRandom random) : ISchedule
{
    public int Choose(IReadOnlyList<WorkItem> ready) => ready.Count == 1 ? 0 : random.Next(ready.Count);
}
