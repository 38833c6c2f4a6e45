using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Tcp;

/// <summary>The timer of a connection.</summary>
internal sealed class TcpTimer(TcpConnection connection) : AgendaEntry
{
    public override Domain Domain => connection.Stack.Domain;

    public override void Run() => connection.OnTimer();
}
