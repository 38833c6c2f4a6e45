using Microsoft.Extensions.Logging;

namespace Sluice.Serving.Initializing;

/// <summary>Initializes a connection after the system has accepted it, and before the caller's accept returns it.</summary>
internal interface IConnectionInitializer
{
    /// <summary>Gets the number of connections that may be in initialization, or initialized and not yet accepted by the caller.</summary>
    int MaxPending { get; }

    /// <summary>Gets the <c>error.type</c> of a refusal.</summary>
    string ErrorType { get; }

    /// <summary>Initializes a connection, within a timeout of its own.</summary>
    /// <returns>The reason why the connection is refused; null if it is not.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    ValueTask<string?> InitializeAsync(StreamSocket socket, CancellationToken cancellationToken);

    /// <summary>Logs that a connection was refused.</summary>
    void LogRefusal(ILogger logger, StreamSocket socket, string reason);
}
