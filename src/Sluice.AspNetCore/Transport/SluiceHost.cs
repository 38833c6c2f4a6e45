using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sluice.Scheduling;

namespace Sluice.AspNetCore.Transport;

/// <summary>What all connections of a host share. The loops start when the first end point is bound.</summary>
internal sealed class SluiceHost : IAsyncDisposable, IDisposable
{
    private readonly Lazy<SelectorManager> _selector;
    private readonly Lazy<MemoryPool<byte>> _pool;
    private readonly bool _ownsSelector;
    private int _disposed;

    public SluiceHost(IOptions<SluiceTransportOptions> options, ILoggerFactory? loggers = null, IMemoryPoolFactory<byte>? pools = null)
    {
        Options = options.Value;
        loggers ??= NullLoggerFactory.Instance;
        Logger = loggers.CreateLogger(TransportLog.Category);
        _ownsSelector = Options.Selector is null;
        _selector = new(() => Options.Selector ?? Options.CreateSelector(loggers));
        _pool = new(() => pools?.Create(new MemoryPoolOptions { Owner = "Sluice" }) ?? MemoryPool<byte>.Shared);
    }

    public SluiceHost(SelectorManager selector)
        : this(Microsoft.Extensions.Options.Options.Create(new SluiceTransportOptions { Selector = selector }))
    {
    }

    public SluiceTransportOptions Options { get; }

    public ILogger Logger { get; }

    public SelectorManager Selector => _selector.Value;

    /// <summary>The pool of what reads and writes above the transport.</summary>
    public MemoryPool<byte> Pool => _pool.Value;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        var steps = new DisposalSteps();
        if (_ownsSelector && _selector.IsValueCreated)
        {
            await steps.RunAsync(() => _selector.Value.DisposeAsync().AsTask()).ConfigureAwait(false);
        }

        steps.Run(DisposePool);
        steps.ThrowIfFailed();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        var steps = new DisposalSteps();
        if (_ownsSelector && _selector.IsValueCreated)
        {
            steps.Run(_selector.Value.Dispose);
        }

        steps.Run(DisposePool);
        steps.ThrowIfFailed();
    }

    private void DisposePool()
    {
        if (_pool.IsValueCreated)
        {
            _pool.Value.Dispose();
        }
    }
}
