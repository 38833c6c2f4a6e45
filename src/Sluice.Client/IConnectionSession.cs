namespace Sluice.Client;

/// <summary>Represents what a client does with a connection, from the end of the handshake to the end of the connection.</summary>
public interface IConnectionSession : IAsyncDisposable
{
    /// <summary>Gets a task that completes when the connection has ended, for whatever reason. It never fails.</summary>
    Task Completion { get; }

    /// <summary>Gets the reason why the connection ended; null while it is open, and after an ordinary end.</summary>
    Exception? CloseCause { get; }

    /// <summary>Gets the time since the peer last sent something.</summary>
    TimeSpan IdleTime { get; }
}
