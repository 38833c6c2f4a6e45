namespace Sluice.Cli.Bench;

/// <summary>Checks what comes back on one connection, and counts the messages that have come back completely.</summary>
internal sealed class AnswerCheck(Messages messages)
{
    private Cycle _answers = messages.Sent;
    private int _size = messages.Size;
    private bool _isRecognized;
    private long _received;
    private long _answered;

    /// <summary>Checks the next bytes; returns how many messages they complete.</summary>
    /// <exception cref="IOException">The bytes differ from those that were sent.</exception>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        Recognize(bytes);
        int equal = _answers.CountEqual(_received, bytes);
        if (equal < bytes.Length)
        {
            throw new IOException($"The server sent back something else than it received, at byte {_received + equal} of a connection.");
        }

        _received += bytes.Length;
        int complete = (int)((_received / _size) - _answered);
        _answered += complete;
        return complete;
    }

    // The end of the first line shows whether the server ends lines with LF or CR LF.
    private void Recognize(ReadOnlySpan<byte> bytes)
    {
        if (!_isRecognized && _received + bytes.Length >= messages.Size)
        {
            _isRecognized = true;
            if (messages.SentWithReturns is { } withReturns && bytes[(int)(messages.Size - 1 - _received)] == '\r')
            {
                _answers = withReturns;
                _size++;
            }
        }
    }
}
