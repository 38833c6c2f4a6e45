namespace Sluice.Engine.Epoll;

/// <summary>What a loop tells of events: a registered socket.</summary>
internal interface IEpollHandler
{
    /// <summary>The registration, as it stands in the event's data. Set once, before the first event.</summary>
    ulong EventData { get; }

    /// <summary>Called on the loop, never inside user code. Wakes who waits; runs no continuation itself.</summary>
    void OnEvents(uint events);
}
