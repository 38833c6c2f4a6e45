using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Sluice.Hosting;

#pragma warning disable CA1001 // The container disposes of the selector: it is what it hands out.

/// <summary>Makes the selector of the services when something first needs it. The container that asked for it disposes of it.</summary>
internal sealed class HostSelector(IServiceProvider services, IOptions<SelectorOptions> options)
{
    private volatile SelectorManager? _created;

    /// <summary>The selector, if there is one yet.</summary>
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
