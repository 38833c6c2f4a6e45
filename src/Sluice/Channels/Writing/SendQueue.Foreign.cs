using System.Diagnostics;

namespace Sluice.Channels;

/// <summary>Bytes that are not in our memory.</summary>
internal sealed partial class SendQueue
{
    // Goes before the queue, which was empty when it came.
    private IForeignBytes? _foreign;
    private bool _disposesForeign;

    /// <summary>
    /// Appends bytes that are elsewhere, to nothing: all that was written before is sent. They stay until they are sent too, or
    /// <see cref="Fail"/>, and whoever made them gives them up with <see cref="Release"/>.
    /// </summary>
    /// <exception cref="UnreachableException">Something waits, and would be overtaken.</exception>
    public void Append(IForeignBytes foreign)
    {
        using (Enter())
        {
            if (TakesMore())
            {
                if (!IsEmpty)
                {
                    throw new UnreachableException("Bytes from elsewhere may not overtake what was written.");
                }

                Written += foreign.Length;
                _foreign = foreign;
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
    public void Release(IForeignBytes foreign)
    {
        lock (_queue)
        {
            _disposesForeign = ReferenceEquals(_foreign, foreign);
            if (_disposesForeign)
            {
                return;
            }
        }

        foreign.Dispose();
    }

    // In the lock.
    private void DropForeign()
    {
        if (_disposesForeign)
        {
            _foreign?.Dispose();
            _disposesForeign = false;
        }

        _foreign = null;
    }
}
