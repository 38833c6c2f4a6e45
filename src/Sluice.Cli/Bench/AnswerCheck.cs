namespace Sluice.Cli.Bench;

/// <summary>Checks what comes back on one connection, and counts the messages that are back whole.</summary>
internal sealed class AnswerCheck(Messages messages)
{
    private Cycle _answers = messages.Sent;
    private int _size = messages.Size;
    private bool _isRecognized;
    private long _received;
    private long _answered;

    /// <summary>The next bytes that came back; how many messages are complete with them that were not before.</summary>
    /// <exception cref="IOException">They are not what was sent.</exception>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        Recognize(bytes);
        int equal = _answers.CountEqual(_received, bytes);
        if (equal < bytes.Length)
        {
            throw new IOException($"What came back from the server differs from what was sent, at byte {_received + equal} of a connection.");
        }

        _received += bytes.Length;
        int complete = (int)((_received / _size) - _answered);
        _answered += complete;
        return complete;
    }

    // Lines may come back with CR LF, which shows where the first should end.
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
