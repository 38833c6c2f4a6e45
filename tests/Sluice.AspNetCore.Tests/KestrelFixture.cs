using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore.Tests;

/// <summary>Tests of Kestrel on Sluice, on each engine. What Kestrel logs as an error fails the test.</summary>
public abstract class KestrelFixture(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly List<WebApplication> _applications = [];
    private readonly CollectingLoggerProvider _errors = new(LogLevel.Error);

    /// <summary>What a test expects to be logged.</summary>
    internal CollectingLoggerProvider Errors => _errors;

    [TearDown]
    public async Task StopServers()
    {
        foreach (WebApplication application in _applications)
        {
            await application.DisposeAsync().Soon();
        }

        Assert.That(_errors.Entries, Is.Empty);
    }

    /// <summary>A server on the fixture's selector.</summary>
    internal async Task<WebApplication> StartAsync(
        Action<WebApplication> configure, Action<ListenOptions>? listen = null, Action<SluiceTransportOptions>? transport = null,
        EndPoint? endPoint = null, Action<IServiceCollection>? services = null, bool onSluice = true)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_errors);
        services?.Invoke(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0), options => listen?.Invoke(options)));
        if (onSluice)
        {
            builder.WebHost.UseSluice(options =>
            {
                options.Selector = Selector;
                transport?.Invoke(options);
            });
        }

        WebApplication application = builder.Build();
        _applications.Add(application);
        configure(application);
        await application.StartAsync().Soon();
        return application;
    }

    internal static Uri AddressOf(WebApplication application) => new(application.Urls.Single());

    internal static IPEndPoint EndPointOf(WebApplication application) => new(IPAddress.Loopback, AddressOf(application).Port);
}
