using System.Diagnostics;

namespace Sluice.Channels.Writing;

/// <summary>Bytes that are not in our memory.</summary>
internal sealed partial class SendQueue
{
    // Goes before the queue, which was empty when it came.
    private IExternalPayload? _external;
    private bool _disposesExternal;

    /// <summary>
    /// Appends bytes that are elsewhere, to nothing: all that was written before is sent. They stay until they are sent too, or
    /// <see cref="Fail"/>, and whoever made them gives them up with <see cref="Release"/>.
    /// </summary>
    /// <exception cref="UnreachableException">Something waits, and would be overtaken.</exception>
    public void Append(IExternalPayload payload)
    {
        using (Enter())
        {
            if (TakesMore())
            {
                if (!IsEmpty)
                {
                    throw new UnreachableException("Bytes from elsewhere may not overtake what was written.");
                }

                Written += payload.Length;
                _external = payload;
            }
        }
    }

    /// <summary>So many bytes of the foreign ones, all of which are sent, never were.</summary>
    public void Forget(long missing)
    {
        lock (_queue)
        {
            Written -= missing;
            _sent -= missing;
        }
    }

    /// <summary>Takes over what is left of foreign bytes: to be disposed of, at once or once they are sent.</summary>
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
