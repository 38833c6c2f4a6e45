namespace Sluice.Channels.Adapters;

/// <summary>A connection that a stream closes when the stream is disposed of.</summary>
internal interface IStreamOwner
{
    /// <summary>Closes the connection, within a bounded time.</summary>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins to close. The result completes when what was written is sent, or lost; the rest of the close goes on by itself.</summary>
    ValueTask CloseUntilSentAsync();
}
