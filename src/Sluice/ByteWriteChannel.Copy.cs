using Sluice.Channels;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    /// <summary>A way from <paramref name="source"/> that does not lead through our memory; null if there is none.</summary>
    internal virtual IBypass? OpenBypass(IByteSource source) => null;

    /// <summary>Sends bytes that are elsewhere, and waits until all are sent. When it is cancelled they stay on their way.</summary>
    internal virtual ValueTask SendAsync(IForeignBytes foreign, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Sends what can be sent without waiting, unless it leaves by itself.</summary>
    internal abstract void SendNow();

    /// <summary>Disposes of foreign bytes once they are no longer on their way.</summary>
    internal virtual void Release(IForeignBytes foreign) => foreign.Dispose();

    /// <summary>Becomes the one writer, for the time of a copy.</summary>
    internal void BeginCopy()
    {
        Begin();
        try
        {
            ThrowIfUnusable();
        }
        catch
        {
            End();
            throw;
        }
    }

    internal void EndCopy() => End();

    /// <summary>Takes over what there is room for: so many bytes. Throws if nothing can be written any more.</summary>
    internal int TryCopy(ReadOnlySpan<byte> bytes)
    {
        ThrowIfUnusable();
        int count = TrySendLarge(bytes);
        bytes = bytes[count..];
        return TryAppend(bytes, AutoFlush) ? count + bytes.Length : count;
    }

    /// <inheritdoc cref="WaitForRoomAsync"/>
    internal ValueTask MakeRoomAsync(int count, CancellationToken cancellationToken) => WaitForRoomAsync(count, cancellationToken);
}
