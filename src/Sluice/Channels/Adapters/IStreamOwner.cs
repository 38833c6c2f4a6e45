namespace Sluice.Channels.Adapters;

/// <summary>Represents the connection that disposing a stream closes.</summary>
internal interface IStreamOwner
{
    /// <summary>Closes the connection, within a bounded time.</summary>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins to close, and completes when the written bytes are sent, or lost. The rest of the close continues by itself.</summary>
    ValueTask CloseUntilSentAsync();
}
