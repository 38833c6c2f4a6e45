using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Unix;

/// <summary>Something that the kernel of a host does later.</summary>
internal sealed class UnixEvent(Domain domain, Action action) : AgendaEntry
{
    public override Domain Domain => domain;

    public override void Run() => action();
}
