using System.Net;
using System.Runtime.Versioning;
using Sluice.Engine.Epoll;
using Sluice.Engine.Interop;

namespace Sluice.Cli.Bench;

/// <summary>
/// Runs all connections on one thread with plain system calls, so that the load costs less than the server it measures. With a processor of
/// its own, the load need never sleep, and no server pays for waking it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SystemCallLoad : IDisposable
{
    private const uint Over = LinuxConstants.EpollRdHup | LinuxConstants.EpollHup | LinuxConstants.EpollErr;

    private readonly Poller _poller = new();
    private readonly List<SystemCallConnection> _connections = [];
    private readonly byte[] _buffer = GC.AllocateArray<byte>(256 * 1024, pinned: true);
    private readonly LoadTotals _totals;
    private readonly bool _spins;

    // Connections that can continue without a new event.
    private readonly Queue<SystemCallConnection> _unfinished = [];

    private SystemCallLoad(BenchSettings settings, EndPoint server, Messages messages, LoadTotals totals, Action opened)
    {
        _totals = totals;
        _spins = settings.Spin;
        try
        {
            for (int i = 0; i < settings.Connections; i++)
            {
                _connections.Add(Connect(settings, server, messages));
                _poller.Set(_connections[i].Handle, Poller.AllEvents, (ulong)i, isNew: true);
                opened();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens all connections. Their connects block; neither a signal nor the end of the patience waits for them.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="server">The server.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="totals">Counts the results.</param>
    /// <param name="opened">Called for each connection that is open, on another thread.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<SystemCallLoad> ConnectAsync(
        BenchSettings settings, EndPoint server, Messages messages, LoadTotals totals, Action opened, CancellationToken cancellationToken) =>
        Task.Run(() => new SystemCallLoad(settings, server, messages, totals, opened), CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>Runs until canceled, then closes its connections.</summary>
    /// <exception cref="IOException">The server closed a connection, or sent back something else.</exception>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                try
                {
                    Run(cancellationToken);
                }
                finally
                {
                    Dispose();
                }

                ended.SetResult();
            }
            catch (Exception exception)
            {
                ended.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = "Load",
        };
        thread.Start();
        return ended.Task;
    }

    public void Dispose()
    {
        _connections.ForEach(connection => connection.Dispose());
        _poller.Dispose();
    }

    private static SystemCallConnection Connect(BenchSettings settings, EndPoint server, Messages messages) => settings.Kind switch
    {
        LoadKind.Send => new SystemCallSender(server, messages.Sent.Slice(0, messages.Size)),
        LoadKind.Receive => new SystemCallReceiver(server),
        _ => new SystemCallEcho(server, messages, settings.Depth),
    };

    private void Run(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration waking = cancellationToken.Register(_poller.Wake);
        _connections.ForEach(connection => connection.Start());
        while (!cancellationToken.IsCancellationRequested)
        {
            int count = _poller.Wait(timeoutMilliseconds: _spins || _unfinished.Count > 0 ? 0 : -1);
            for (int i = 0; i < count; i++)
            {
                (uint events, ulong data) = _poller[i];
                if (data != Poller.WakeData)
                {
                    Turn(_connections[(int)data], (events & Over) != 0);
                }
            }

            for (int left = _unfinished.Count; left > 0; left--)
            {
                SystemCallConnection connection = _unfinished.Dequeue();
                connection.IsQueued = false;
                Turn(connection, isOver: false);
            }
        }
    }

    private void Turn(SystemCallConnection connection, bool isOver)
    {
        if (connection.OnTurn(isOver, _buffer, _totals) && !connection.IsQueued)
        {
            connection.IsQueued = true;
            _unfinished.Enqueue(connection);
        }
    }
}
