using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Bench.Orleans;

/// <summary>Connections of pipes in this process, without sockets: what is left of a call when its transport costs next to nothing.</summary>
internal sealed class MemoryTransport : IConnectionFactory, IConnectionListenerFactory
{
    private static readonly ConcurrentDictionary<EndPoint, Channel<ConnectionContext>> s_listeners = new();

    private static int s_id;

    /// <summary>Takes the place of the transport that is registered, under its keys.</summary>
    public static void Replace(IServiceCollection services)
    {
        foreach (ServiceDescriptor service in services.Where(service => service.IsKeyedService).ToArray())
        {
            if (service.ServiceType == typeof(IConnectionFactory) || service.ServiceType == typeof(IConnectionListenerFactory))
            {
                services.Add(new ServiceDescriptor(service.ServiceType, service.ServiceKey, new MemoryTransport()));
            }
        }
    }

    public ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var there = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var back = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var local = new IPEndPoint(IPAddress.Loopback, 50_000 + (Interlocked.Increment(ref s_id) % 10_000));
        ConnectionContext client = Create(back.Reader, there.Writer, local, endpoint);
        ConnectionContext server = Create(there.Reader, back.Writer, endpoint, local);
        return s_listeners.TryGetValue(endpoint, out Channel<ConnectionContext>? listener) && listener.Writer.TryWrite(server)
            ? new(client)
            : throw new IOException($"Nothing listens at {endpoint}.");
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new Listener(endpoint);
        s_listeners[endpoint] = listener.Accepted;
        return new(listener);
    }

    private static DefaultConnectionContext Create(PipeReader input, PipeWriter output, EndPoint local, EndPoint remote) =>
        new($"memory-{Interlocked.Increment(ref s_id)}", new DuplexPipe(input, output), null!) { LocalEndPoint = local, RemoteEndPoint = remote };

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    private sealed class Listener(EndPoint endPoint) : IConnectionListener
    {
        public Channel<ConnectionContext> Accepted { get; } = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await Accepted.Reader.WaitToReadAsync(cancellationToken))
            {
                if (Accepted.Reader.TryRead(out ConnectionContext? connection))
                {
                    return connection;
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            Accepted.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
