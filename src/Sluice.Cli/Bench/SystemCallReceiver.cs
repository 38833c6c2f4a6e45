using System.Net;

namespace Sluice.Cli.Bench;

/// <summary>Receives as fast as the server sends.</summary>
internal sealed class SystemCallReceiver(EndPoint server) : SystemCallConnection(server)
{
    // The other connections then get their turn: a server may send without end.
    private const int CallsATurn = 16;

    public override bool OnTurn(bool isOver, byte[] buffer, LoadTotals totals)
    {
        for (int call = 0; call < CallsATurn; call++)
        {
            int received = Receive(buffer);
            if (received == 0)
            {
                return false;
            }

            totals.Add(received);
        }

        return true;
    }
}
