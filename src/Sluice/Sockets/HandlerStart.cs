using Sluice.Scheduling;

namespace Sluice.Sockets;

/// <summary>
/// Starts a connection's handler where its continuations run, in the execution context of whoever called
/// <see cref="ServerSocket.ServeAsync"/>. The accepting goes on meanwhile.
/// </summary>
internal sealed class HandlerStart(Server server, Connection connection, Admission.Ticket? ticket) : IRunnable
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public void Schedule() => connection.Socket.Scheduler.Schedule(this);

    public void Run()
    {
        if (_context is null)
        {
            RunHandler();
        }
        else
        {
            ExecutionContext.Run(_context, RunHandler, this);
        }
    }

    void IThreadPoolWorkItem.Execute() => connection.Socket.Scheduler.RunOnPoolThread(this);

    private static void RunHandler(object? start) => ((HandlerStart)start!).RunHandler();

    private void RunHandler() => _ = server.RunHandlerAsync(connection, ticket);
}
