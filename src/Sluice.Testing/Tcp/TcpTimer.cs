using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Tcp;

/// <summary>The timer of a connection.</summary>
internal sealed class TcpTimer(TcpConnection connection) : AgendaEntry
{
    public override void Run()
    {
        connection.Stack.SetCurrent();
        connection.OnTimer();
    }
}
