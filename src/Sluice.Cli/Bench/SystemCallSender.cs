using System.Net;

namespace Sluice.Cli.Bench;

/// <summary>Sends as fast as the server takes it.</summary>
internal sealed class SystemCallSender(EndPoint server, ReadOnlyMemory<byte> bytes) : SystemCallConnection(server)
{
    // Then the others have their turn: a server may well take it as fast as it comes.
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
