using System.Net;
using System.Runtime.Versioning;
using Sluice.Engine.Epoll;
using Sluice.Engine.Interop;

namespace Sluice.Cli.Bench;

/// <summary>
/// All connections on one thread that does nothing but system calls, and never sleeps: the load must cost less than what it measures.
/// A server that is faster than its load sleeps between messages, and the load pays for waking it each time.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SystemCallLoad : IDisposable
{
    private const uint Over = LinuxConstants.EpollRdHup | LinuxConstants.EpollHup | LinuxConstants.EpollErr;

    private readonly Poller _poller = new();
    private readonly List<SystemCallConnection> _connections = [];
    private readonly byte[] _buffer = GC.AllocateArray<byte>(256 * 1024, pinned: true);
    private readonly LoadTotals _totals;

    public SystemCallLoad(BenchSettings settings, EndPoint server, Messages messages, LoadTotals totals)
    {
        _totals = totals;
        try
        {
            for (int i = 0; i < settings.Connections; i++)
            {
                _connections.Add(new SystemCallConnection(server, messages, settings.Depth));
                _poller.Add(_connections[i].Handle, (ulong)i);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs until cancelled, and closes its connections then.</summary>
    /// <exception cref="IOException">The server closed, or answered something else.</exception>
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

    private void Run(CancellationToken cancellationToken)
    {
        foreach (SystemCallConnection connection in _connections)
        {
            connection.Start();
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            int count = _poller.Wait(timeoutMilliseconds: 0);
            for (int i = 0; i < count; i++)
            {
                (uint events, ulong data) = _poller[i];
                _connections[(int)data].OnEvents((events & Over) != 0, _buffer, _totals);
            }
        }
    }
}
