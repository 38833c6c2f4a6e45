using System.Net;

namespace Sluice.Cli.Bench;

/// <summary>Keeps messages in flight and checks every byte that comes back.</summary>
internal sealed class SystemCallEcho(EndPoint server, Messages messages, int depth) : SystemCallConnection(server)
{
    private readonly AnswerCheck _check = new(messages);
    private readonly InFlight _inFlight = new(messages, depth);

    // The bytes that the kernel has not taken yet, and the number of messages to send after them.
    private ReadOnlyMemory<byte> _rest;
    private int _behind;

    public override void Start() => SendMessages(depth);

    public override bool OnTurn(bool isOver, byte[] buffer, LoadTotals totals)
    {
        if (!_rest.IsEmpty)
        {
            SendRest();
        }

        int received;
        do
        {
            received = Receive(buffer);
            if (received > 0)
            {
                int complete = _check.Add(buffer.AsSpan(0, received));
                _inFlight.Back(complete, totals);
                SendMessages(complete);
            }
        }
        while (received == buffer.Length || (isOver && received > 0));
        return false;
    }

    private void SendMessages(int count)
    {
        if (count == 0)
        {
            return;
        }

        if (!_rest.IsEmpty)
        {
            _behind += count;
            return;
        }

        _rest = _inFlight.Next(count);
        SendRest();
    }

    private void SendRest()
    {
        while (!_rest.IsEmpty)
        {
            int sent = Send(_rest.Span);
            if (sent == 0)
            {
                return;
            }

            _rest = _rest[sent..];
            if (_rest.IsEmpty && _behind > 0)
            {
                _rest = _inFlight.Next(_behind);
                _behind = 0;
            }
        }
    }
}
