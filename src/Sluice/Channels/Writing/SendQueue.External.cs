using System.Diagnostics;

namespace Sluice.Channels.Writing;

// External payloads: bytes that are not in this process's memory.
internal sealed partial class SendQueue
{
    // Guarded by the lock. Sent before the queue's own bytes. Only set while the queue is empty.
    private IExternalPayload? _external;

    // Guarded by the lock.
    private bool _disposesExternal;

    /// <summary>
    /// Appends a payload behind nothing: all that was written before is sent. It stays until it is sent too, or until <see cref="Fail"/>, and its
    /// maker gives it up with <see cref="Release"/>.
    /// </summary>
    /// <exception cref="UnreachableException">Bytes wait that the payload would overtake.</exception>
    public void Append(IExternalPayload payload)
    {
        using (Enter())
        {
            if (!CanAppend)
            {
                DropLease();
                return;
            }

            if (!IsEmpty)
            {
                throw new UnreachableException("Bytes from elsewhere may not overtake what was written.");
            }

            AddWritten(payload.Length);
            _external = payload;
        }
    }

    /// <summary>
    /// Takes bytes out of the count that a sent payload did not have after all: the file was shorter than announced.
    /// </summary>
    public void Forget(long missing)
    {
        lock (_queue)
        {
            AddWritten(-missing);
            _sent -= missing;
        }
    }

    /// <summary>Disposes of a payload: at once, or when it is sent if it still is on its way.</summary>
    public void Release(IExternalPayload payload)
    {
        lock (_queue)
        {
            _disposesExternal = ReferenceEquals(_external, payload);
            if (_disposesExternal)
            {
                return;
            }
        }

        payload.Dispose();
    }

    // In the lock.
    private void DropExternal()
    {
        if (_disposesExternal)
        {
            _external?.Dispose();
            _disposesExternal = false;
        }

        _external = null;
    }
}
