using System.Net;

namespace Sluice.Cli.EndPoints;

/// <summary>Represents an open end point: bytes or datagrams in both directions.</summary>
internal abstract class Link(string name) : IAsyncDisposable
{
    /// <summary>The size of a buffer that takes any datagram.</summary>
    public const int BufferSize = 64 * 1024;

    /// <summary>Gets what messages call the other side.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the connection of a stream socket; null for other kinds.</summary>
    public virtual Connection? Connection => null;

    /// <summary>Gets this side's end point; null if it has none.</summary>
    public virtual EndPoint? LocalEndPoint => Connection?.LocalEndPoint;

    /// <summary>Gets a value indicating whether nothing can ever be read, as from a file that is open for writing.</summary>
    public virtual bool IsWriteOnly => false;

    /// <summary>Gets the most bytes that one datagram to the other side has; of a stream, any number is written at once.</summary>
    public virtual int MostWrite => int.MaxValue;

    /// <summary>Gets how the other side has failed, although it has ended in order: a command with its exit code; null if it has not.</summary>
    public virtual string? Failure => null;

    /// <summary>Reads some bytes, or one datagram. Returns 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes bytes, or one datagram; several if one does not have room for all bytes.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the writing direction after all written bytes.</summary>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends both directions after all written bytes, for the link that was joined to this one takes nothing more. A command ends by itself: it may still work on
    /// what it has read.
    /// </summary>
    public virtual ValueTask EndAsync(CancellationToken cancellationToken)
    {
        Abort();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends both directions at once. A connection is reset.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}
