using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Sluice.Hosting;

#pragma warning disable CA1001 // The container that resolves the selector disposes it.

/// <summary>Creates the selector of the services when it is first needed. The container disposes it.</summary>
internal sealed class HostSelector(IServiceProvider services, IOptions<SelectorOptions> options)
{
    private volatile SelectorManager? _created;

    /// <summary>The selector; null before it is created.</summary>
    public SelectorManager? Created => _created;

    public SelectorManager Create()
    {
        SelectorOptions selector = options.Value;
        if (selector.LoggerFactory == NullLoggerFactory.Instance)
        {
            selector.LoggerFactory = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        }

        selector.MeterFactory ??= services.GetService<IMeterFactory>();
        return _created = new SelectorManager(selector);
    }
}
