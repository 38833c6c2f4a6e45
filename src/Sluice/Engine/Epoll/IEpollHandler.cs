namespace Sluice.Engine.Epoll;

/// <summary>Receives the events of a registered socket.</summary>
internal interface IEpollHandler
{
    /// <summary>Gets the data that the socket's events carry. Set before the socket is registered.</summary>
    ulong EventData { get; }

    /// <summary>Handles events. Called on the loop, outside user code. Signals waits, and runs no continuation itself.</summary>
    void OnEvents(uint events);
}
