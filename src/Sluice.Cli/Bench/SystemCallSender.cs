using System.Net;

namespace Sluice.Cli.Bench;

/// <summary>Sends as fast as the server receives.</summary>
internal sealed class SystemCallSender(EndPoint server, ReadOnlyMemory<byte> bytes) : SystemCallConnection(server)
{
    // The other connections then get their turn: a server may receive without end.
    private const int CallsATurn = 16;

    private readonly ReadOnlyMemory<byte> _bytes = bytes;
    private ReadOnlyMemory<byte> _rest = bytes;

    public override bool OnTurn(bool isOver, byte[] buffer, LoadTotals totals)
    {
        for (int call = 0; call < CallsATurn; call++)
        {
            int sent = Send(_rest.Span);
            if (sent == 0)
            {
                return false;
            }

            totals.Add(sent);
            _rest = sent < _rest.Length ? _rest[sent..] : _bytes;
        }

        return true;
    }
}
