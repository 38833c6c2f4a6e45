using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Testing.Tests;

/// <summary>Web applications on simulated hosts, with Kestrel as their server. Disposed at the end of a run.</summary>
internal sealed class WebApps : IDisposable
{
    private readonly List<IServer> _servers = [];

    /// <summary>How long <c>/slow</c> takes.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    public static SimulationOptions Options => new() { JoinsThreadPool = true, RealTimeLimit = TimeSpan.FromMinutes(1) };

    /// <summary>Starts an application that says hello, sends back what it gets, and is slow.</summary>
    public Task<WebApplication> StartAsync(SimulatedHost host, SelectorManager selector, Action<WebApplication>? map = null, Action<ListenOptions>? endPoint = null) =>
        StartAsync(WebApplication.CreateEmptyBuilder(new WebApplicationOptions()), host, selector, map, endPoint);

    /// <summary>Starts the same application from a builder.</summary>
    public async Task<WebApplication> StartAsync(
        WebApplicationBuilder builder, SimulatedHost host, SelectorManager selector, Action<WebApplication>? map = null, Action<ListenOptions>? endPoint = null)
    {
        builder.WebHost.UseKestrelCore().UseSluice(options => options.Selector = selector);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(Programs.Port, endPoint ?? (_ => { })));
        builder.Services.AddRoutingCore();
        WebApplication application = builder.Build();
        application.MapGet("/hello", () => "hello");
        application.MapPost("/echo", async (HttpContext context) =>
        {
            context.Response.ContentLength = context.Request.ContentLength;
            await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        application.MapGet("/slow", async (HttpContext context) =>
        {
            await host.Time.Delay(Slow, context.RequestAborted);
            return "slow";
        });
        map?.Invoke(application);
        _servers.Add(application.Services.GetRequiredService<IServer>());
        await application.StartAsync();
        return application;
    }

    /// <summary>Runs an application until its host crashes.</summary>
    public void Run(SimulatedHost host, Action<ListenOptions>? endPoint = null) =>
        host.Run(selector => StartAsync(host, selector, endPoint: endPoint));

    /// <summary>Creates a client. It has no time limit of its own: that would be by the clock of the machine.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client owns the handler.")]
    public static HttpClient CreateClient(SelectorManager selector) => new(new SocketsHttpHandler { ConnectCallback = selector.Tcp().ToConnectCallback() })
    {
        BaseAddress = new Uri($"http://server:{Programs.Port}"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Asks until there is an answer.</summary>
    public static async Task<string> GetWithRetriesAsync(HttpClient client, TimeProvider time)
    {
        while (true)
        {
            try
            {
                return await client.GetStringAsync(new Uri("/hello", UriKind.Relative));
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time);
            }
        }
    }

    /// <summary>
    /// Ends the timer threads of the servers, those of crashed hosts too: nothing else ends these. Nothing more needs to be disposed, because the sockets end with
    /// the run.
    /// </summary>
    public void Dispose()
    {
        foreach (IServer server in _servers)
        {
            const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            object context = server.GetType().GetProperty("ServiceContext", any)!.GetValue(server)!;
            ((IDisposable)context.GetType().GetProperty("Heartbeat", any)!.GetValue(context)!).Dispose();
        }
    }
}
