using Microsoft.Extensions.Logging;

namespace Sluice.Serving.Initializing;

/// <summary>What has to be done with a connection after it is accepted and before it is handed out.</summary>
internal interface IConnectionInitializer
{
    /// <summary>How many connections may be under way, or done and not yet asked for.</summary>
    int MaxPending { get; }

    /// <summary>What a refusal is called: <c>error.type</c>.</summary>
    string ErrorType { get; }

    /// <summary>Does it, within a time of its own.</summary>
    /// <returns>Why the connection is refused; null if it is not.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    ValueTask<string?> PrepareAsync(StreamSocket socket, CancellationToken cancellationToken);

    /// <summary>Logs that it was refused.</summary>
    void LogRefusal(ILogger logger, StreamSocket socket, string reason);
}
