using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    /// <summary>A way from <paramref name="source"/> that does not lead through our memory; null if there is none.</summary>
    internal virtual ISplice? OpenSplice(IByteSource source) => null;

    /// <summary>Sends what was written, and waits until all of it is sent.</summary>
    internal virtual ValueTask DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Sends bytes that are elsewhere, after <see cref="DrainAsync"/>, and waits until all are sent. When it is cancelled they stay on their
    /// way: none is lost, even if the source no longer has them.
    /// </summary>
    internal virtual ValueTask SendAsync(IExternalPayload payload, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Sends what can be sent without waiting, unless it leaves by itself.</summary>
    internal abstract void SendNow();

    /// <summary>Disposes of foreign bytes once they are no longer on their way.</summary>
    internal virtual void Release(IExternalPayload payload) => payload.Dispose();

    /// <summary>Part of a file, to be sent from where it is; null if that cannot be done.</summary>
    private protected virtual IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) => null;

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

    /// <summary>Writes bytes that are elsewhere, after all that was written before, and waits until they are sent.</summary>
    /// <param name="payload">They are disposed of, once they are no longer on their way.</param>
    /// <param name="cancellationToken">Ends the wait. They stay on their way.</param>
    internal async ValueTask WriteAsync(IExternalPayload payload, CancellationToken cancellationToken)
    {
        bool begun = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            BeginCopy();
            begun = true;
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            await SendAsync(payload, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Release(payload);
            if (begun)
            {
                EndCopy();
            }
        }
    }

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
