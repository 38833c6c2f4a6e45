namespace Sluice.Testing.Scheduling;

/// <summary>
/// Prefers one host for as long as it has something to run, and changes its preference at random steps. Orders in which one host is far ahead of another are
/// rare with <see cref="RandomSchedule"/> (Burckhardt, Kothari, Musuvathi and Nagarakatte, A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs,
/// 2010).
/// </summary>
internal sealed class RareOrderSchedule(SeededRandom random) : ISchedule
{
    private const int StepsPerChange = 100;

    private readonly Dictionary<Domain, ulong> _priorities = [];
    private readonly List<int> _best = [];

    public int Choose(IReadOnlyList<WorkItem> ready)
    {
        if (random.Next(StepsPerChange) == 0)
        {
            _priorities[ready[random.Next(ready.Count)].Domain] = random.Next();
        }

        ulong highest = 0;
        _best.Clear();
        for (int i = 0; i < ready.Count; i++)
        {
            ulong priority = PriorityOf(ready[i].Domain);
            if (priority > highest)
            {
                highest = priority;
                _best.Clear();
            }

            if (priority == highest)
            {
                _best.Add(i);
            }
        }

        return _best[random.Next(_best.Count)];
    }

    private ulong PriorityOf(Domain domain)
    {
        if (!_priorities.TryGetValue(domain, out ulong priority))
        {
            _priorities.Add(domain, priority = random.Next() | 1);
        }

        return priority;
    }
}
