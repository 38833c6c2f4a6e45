namespace Sluice.Testing.Scheduling;

/// <summary>Chooses what runs next.</summary>
internal interface ISchedule
{
    /// <summary>Chooses one of the pieces of work that are ready, by its index.</summary>
    int Choose(IReadOnlyList<WorkItem> ready);
}
