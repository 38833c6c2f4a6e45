namespace Sluice.Channels.Messages;

// Dropping: what is full, and what can no longer be sent.
internal sealed partial class MessageQueue
{
    private bool _toldClosed;

    /// <summary>Accepts no more messages, and ends every wait for room. Queued messages stay.</summary>
    public void Close()
    {
        IsClosed = true;
        EndWaits();
    }

    /// <summary>Closes, and drops every message.</summary>
    /// <returns>The number of dropped messages.</returns>
    public int Discard()
    {
        Close();
        int count = Count;
        while (!IsEmpty)
        {
            DropFirst();
        }

        _bytes.Clear();
        return count;
    }

    /// <summary>Whether the owner is to be told of the close now: once, by the caller that gets true, outside the lock.</summary>
    public bool TakeClosed()
    {
        bool tells = IsClosed && !_toldClosed;
        _toldClosed |= tells;
        return tells;
    }

    /// <summary>Counts a message that was posted after the close.</summary>
    public void CountRefused() => Dropped++;

    // Whether a message fits, after dropping older ones if that is the policy. If not, the message counts as dropped. An empty queue takes every
    // message up to its capacity. Callers that wait come first.
    private bool TryMakeRoom(int length, out int dropped)
    {
        dropped = 0;
        if (Fits(length) && _firstWaiter is null)
        {
            return true;
        }

        if (fullMode != OutboxFullMode.DropOldest)
        {
            Dropped++;
            return false;
        }

        while (!Fits(length))
        {
            DropFirst();
            dropped++;
        }

        return true;
    }

    private bool Fits(int length) => _cost + length + EntryCost <= capacity || IsEmpty;

    private void DropFirst()
    {
        switch (RemoveFirst())
        {
            case { Content: null, Length: var length }:
                _bytes.Consume(length);
                break;
            case { Content: MessageBuffer message }:
                message.Release();
                break;
            case { Content: KeyedMessage keyed }:
                keyed.Buffer!.Release();
                Recycle(keyed);
                break;
        }

        Dropped++;
    }
}
