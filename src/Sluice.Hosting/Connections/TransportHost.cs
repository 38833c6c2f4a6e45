using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Diagnostics;

namespace Sluice.Hosting.Connections;

/// <summary>The state that all connections of a factory share. The selector of the services starts with the first connection.</summary>
internal sealed class TransportHost : IAsyncDisposable, IDisposable
{
    private readonly Lazy<SelectorManager> _selector;
    private readonly Lazy<MemoryPool<byte>> _pool;

    private TransportHost(SluiceTransportOptions options, Lazy<SelectorManager> selector, ILoggerFactory loggers, IMemoryPoolFactory<byte>? pools)
    {
        Options = options;
        Logger = new SafeLogger(loggers.CreateLogger(TransportLog.Category));
        _selector = selector;
        _pool = new(() => pools?.Create(new MemoryPoolOptions { Owner = "Sluice" }) ?? MemoryPool<byte>.Shared);
    }

    public SluiceTransportOptions Options { get; }

    public ILogger Logger { get; }

    public SelectorManager Selector => _selector.Value;

    /// <summary>The memory pool for the application's readers and writers.</summary>
    public MemoryPool<byte> Pool => _pool.Value;

    /// <summary>Creates a host on the selector of the options, or else on that of the services, which their container disposes.</summary>
    public static TransportHost Create(IServiceProvider services, SluiceTransportOptions options) => new(
        options,
        new(() => options.Selector ?? services.GetRequiredService<SelectorManager>()),
        services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
        services.GetService<IMemoryPoolFactory<byte>>());

    /// <summary>Creates a host on a selector that the caller owns.</summary>
    public static TransportHost Create(SelectorManager selector, SluiceTransportOptions? options)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new(options ?? new SluiceTransportOptions(), new(selector), NullLoggerFactory.Instance, pools: null);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        if (_pool.IsValueCreated)
        {
            _pool.Value.Dispose();
        }
    }
}
