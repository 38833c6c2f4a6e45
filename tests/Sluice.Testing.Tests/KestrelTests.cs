using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sluice.AspNetCore;
using Sluice.Tls;

namespace Sluice.Testing.Tests;

/// <summary>ASP.NET Core on a simulated host, with <see cref="HttpClient"/> on another.</summary>
public sealed class KestrelTests
{
    private const int Seeds = 200;

    [Test]
    public Task Requests_are_answered_over_slow_links_that_lose_packets() => RunAsync(async (network, apps, server, client) =>
    {
        SimulatedLink link = network.Link(server, client);
        link.Latency = LatencyModel.Uniform(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        link.Loss = 0.02;
        apps.Run(server);
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
            {
                Assert.That(await http.GetStringAsync("/hello"), Is.EqualTo("hello"));
                byte[] body = new byte[network.Random.Next(100_000)];
                network.Random.NextBytes(body);
                await AssertEchoAsync(http, body, chunked: i % 2 == 0);
            }));
        });
    });

    [Test]
    public Task A_partition_ends_in_the_timeout_of_the_client_or_in_the_answer_after_it_heals() => RunAsync(async (network, apps, server, client) =>
    {
        apps.Run(server);
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));

            TimeSpan patience = TimeSpan.FromMilliseconds(network.Random.Next(1, 60_000));
            TimeSpan began = network.Time.Elapsed;
            using var enough = new CancellationTokenSource(patience, client.Time);
            Task<string> asked = http.GetStringAsync("/slow", enough.Token);
            await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(8_000)));
            using (network.Partition(server, client))
            {
                await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(60_000)));
            }

            try
            {
                Assert.That(await asked, Is.EqualTo("slow"));
                Assert.That(network.Time.Elapsed - began, Is.GreaterThanOrEqualTo(WebApps.Slow));
            }
            catch (TaskCanceledException)
            {
                Assert.That(network.Time.Elapsed - began, Is.GreaterThanOrEqualTo(patience));
            }

            Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));
        });
    });

    [Test]
    public Task A_cut_connection_gives_an_error_or_the_whole_answer() => RunAsync(async (network, apps, server, client) =>
    {
        apps.Run(server);
        await client.RunAsync(async selector =>
        {
            using (HttpClient first = WebApps.CreateClient(selector))
            {
                Assert.That(await WebApps.GetWithRetriesAsync(first, client.Time), Is.EqualTo("hello"));
            }

            // The request has about 600 bytes, and so has the answer.
            byte[] body = new byte[500];
            network.Random.NextBytes(body);
            bool isOfServer = network.Random.Next(2) == 0;
            SimulatedPath path = isOfServer ? network.Path(server, client) : network.Path(client, server);
            path.CutConnectionsAfter(network.Random.Next(700));
            using HttpClient http = WebApps.CreateClient(selector);
            try
            {
                await AssertEchoAsync(http, body, chunked: network.Random.Next(2) == 0);
            }
            catch (HttpRequestException exception)
            {
                network.Trace.Note(client, exception.Message);
            }

            path.CutConnectionsAfter(null);
            await AssertEchoAsync(http, body, chunked: false);
        });
    });

    [Test]
    public Task A_stop_lets_requests_end_that_have_begun() => RunAsync(async (network, apps, server, client) =>
    {
        WebApplication application = await server.RunAsync(selector => apps.StartAsync(server, selector));
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            Task<string>[] asked = [.. Enumerable.Range(0, 3).Select(_ => http.GetStringAsync("/slow"))];
            await network.Time.Delay(TimeSpan.FromSeconds(1));
            Task stopping = server.RunAsync(_ => application.StopAsync());
            Assert.That(await Task.WhenAll(asked), Has.All.EqualTo("slow"));
            await stopping;
            HttpRequestException refused = await Failure.OfAsync<HttpRequestException>(() => http.GetStringAsync("/hello"));
            Assert.That(refused.InnerException, Is.InstanceOf<SocketException>());
        });
        await server.RunAsync(async _ => await application.DisposeAsync());
    });

    [Test]
    public Task A_stop_aborts_requests_that_take_longer_than_it_may() => RunAsync(async (network, apps, server, client) =>
    {
        WebApplication application = await server.RunAsync(selector => apps.StartAsync(server, selector));
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            Task<string> asked = http.GetStringAsync("/slow");
            await network.Time.Delay(TimeSpan.FromSeconds(1));
            TimeSpan began = network.Time.Elapsed;
            Task stopping = server.RunAsync(async _ =>
            {
                using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(2), server.Time);
                await application.StopAsync(enough.Token);
            });
            await Failure.OfAsync<HttpRequestException>(() => asked);
            await stopping;
            Assert.That(network.Time.Elapsed - began, Is.EqualTo(TimeSpan.FromSeconds(2)).Within(TimeSpan.FromMilliseconds(100)));
        });
        await server.RunAsync(async _ => await application.DisposeAsync());
    });

    [Test]
    public Task An_application_learns_that_its_client_has_given_up() => RunAsync(async (network, apps, server, client) =>
    {
        var gone = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        await server.RunAsync(selector => apps.StartAsync(server, selector, application => application.MapGet("/wait", async (HttpContext context) =>
        {
            try
            {
                await server.Time.Delay(TimeSpan.FromHours(1), context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                gone.SetResult(network.Time.Elapsed);
            }
        })));
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(10), client.Time);
            await Failure.OfAsync<TaskCanceledException>(() => http.GetStringAsync("/wait", enough.Token));
        });
        Assert.That(await gone.Task, Is.GreaterThan(TimeSpan.FromSeconds(10)).And.LessThan(TimeSpan.FromSeconds(15)));
    });

    [Test]
    public Task A_server_that_crashes_answers_again_after_its_restart() => RunAsync(async (network, apps, server, client) =>
    {
        apps.Run(server);
        Task asking = client.RunAsync(async selector =>
        {
            while (network.Time.Elapsed < TimeSpan.FromMinutes(1))
            {
                using HttpClient http = WebApps.CreateClient(selector);
                using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(10), client.Time);
                try
                {
                    await AssertEchoAsync(http, [1, 2, 3], chunked: false, enough.Token);
                }
                catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                {
                    // The server was off, or crashed.
                }

                await client.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(2000)));
            }
        });
        for (int i = 0; i < 3; i++)
        {
            await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(10_000)));
            server.Crash();
            await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(10_000)));
            server.Restart();
        }

        await asking;
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            Assert.That(await http.GetStringAsync("/hello"), Is.EqualTo("hello"));
        });
    });

    [Test]
    public Task A_handler_behind_middleware_is_closed_after_the_close_timeout_of_virtual_time() => RunAsync(async (network, apps, server, client) =>
    {
        TimeSpan ended = TimeSpan.Zero;
        server.Run(selector => apps.StartAsync(server, selector, endPoint: endPoint =>
        {
            // Nobody takes what the handler writes.
            endPoint.Use(next => context =>
            {
                context.Transport = new DuplexPipe(context.Transport.Input, new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1)).Writer);
                return next(context);
            });
            endPoint.UseSluiceHandler(async (connection, token) =>
            {
                await connection.Output.WriteLineAsync("hello", token);
                ended = network.Time.Elapsed;
            });
        }));
        await client.RunAsync(async selector =>
        {
            await client.Time.Delay(TimeSpan.FromSeconds(1));
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            await Failure.OfAsync<IOException>(async () => await socket.OpenReadChannel().ReadByteAsync());
            Assert.That(network.Time.Elapsed - ended, Is.EqualTo(StreamSocketOptions.DefaultCloseTimeout).Within(TimeSpan.FromSeconds(1)));
        });
    });

    [Test]
    public Task A_response_has_the_date_of_its_host() => RunAsync(async (network, apps, server, client) =>
    {
        server.ClockOffset = TimeSpan.FromDays(1);
        server.Run(selector => apps.StartAsync(server, selector, map: application =>
        {
            // As an exception handler does.
            application.MapGet("/clear", (HttpContext context) => context.Response.Clear());
            application.MapGet("/own", (HttpContext context) => context.Response.Headers.Date = DateTimeOffset.UnixEpoch.ToString("R"));
        }));
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            await WebApps.GetWithRetriesAsync(http, client.Time);
            foreach (string path in (string[])["/hello", "/clear", "/own"])
            {
                using HttpResponseMessage response = await http.GetAsync(new Uri(path, UriKind.Relative));
                DateTimeOffset expected = path == "/own" ? DateTimeOffset.UnixEpoch : server.Time.GetUtcNow();
                Assert.That(response.Headers.Date, Is.EqualTo(expected).Within(TimeSpan.FromSeconds(1)), path);
            }
        });
    });

    [Test]
    public Task HTTP_2_carries_many_requests_on_one_connection() => RunAsync(async (network, apps, server, client) =>
    {
        apps.Run(server, endPoint => endPoint.Protocols = HttpProtocols.Http2);
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            http.DefaultRequestVersion = HttpVersion.Version20;
            http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));
            string[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => http.GetStringAsync(i % 2 == 0 ? "/hello" : "/slow")));
            Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? "hello" : "slow")));
        });
    });

    [Test]
    public async Task TLS_stays_in_the_simulation_though_its_bytes_are_random()
    {
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority, ["server"]);
        SimulationOptions options = WebApps.Options;
        options.ChecksDeterminism = false;
        await Simulation.RunAsync(
            Seeds,
            async network =>
            {
                using var apps = new WebApps();
                SimulatedHost server = network.AddHost("server");
                SimulatedHost client = network.AddHost("client");
                apps.Run(server, endPoint => endPoint.UseHttps(certificate));
                await client.RunAsync(async selector =>
                {
                    using var handler = new SocketsHttpHandler { ConnectCallback = selector.Tcp().ToConnectCallback() };
                    handler.SslOptions.RemoteCertificateValidationCallback = (_, other, _, _) => certificate.RawDataMemory.Span.SequenceEqual(other?.GetRawCertData());
                    using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://server:{Programs.Port}"), Timeout = Timeout.InfiniteTimeSpan };
                    Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));
                    byte[] body = new byte[network.Random.Next(50_000)];
                    network.Random.NextBytes(body);
                    await AssertEchoAsync(http, body, chunked: false);
                });
            },
            options);
    }

    [TestCase(HttpProtocols.Http1)]
    [TestCase(HttpProtocols.Http2)]
    public Task The_timer_thread_of_a_server_does_not_touch_its_connections(HttpProtocols protocols) => Simulation.RunAsync(1, async network =>
    {
        using var apps = new WebApps();
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        apps.Run(server, endPoint => endPoint.Protocols = protocols);
        await client.RunAsync(async selector =>
        {
            using HttpClient http = WebApps.CreateClient(selector);
            http.DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
            http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));

            // It works once a second, by the clock of the machine.
            Thread.Sleep(TimeSpan.FromSeconds(2.5));
            Assert.That(await http.GetStringAsync("/hello"), Is.EqualTo("hello"));

            // The heartbeat goes on in virtual time.
            await client.Time.Delay(TimeSpan.FromSeconds(10));
            Assert.That(await http.GetStringAsync("/slow"), Is.EqualTo("slow"));
        });
    }, WebApps.Options);

    [Test]
    public async Task A_seed_repeats_a_run()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            SimulationTrace one = await Simulation.RunSeedAsync(seed, TestAsync, WebApps.Options);
            SimulationTrace other = await Simulation.RunSeedAsync(seed, TestAsync, WebApps.Options);
            Assert.That(other.Hash, Is.EqualTo(one.Hash), $"seed {seed}");
        }

        static async Task TestAsync(SimulatedNetwork network)
        {
            using var apps = new WebApps();
            SimulatedHost server = network.AddHost("server");
            SimulatedHost client = network.AddHost("client");
            apps.Run(server);
            await client.RunAsync(async selector =>
            {
                using HttpClient http = WebApps.CreateClient(selector);
                Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));
                await Task.WhenAll(Enumerable.Range(0, 5).Select(i => AssertEchoAsync(http, new byte[1000 * i], chunked: i % 2 == 0)));
            });
        }
    }

    // Each run reads the files anew, so there are few.
    [TestCase(true)]
    [TestCase(false)]
    public Task The_builders_with_configuration_from_files_work_too(bool slim) => Simulation.RunAsync(
        seeds: 5,
        async network =>
        {
            using var apps = new WebApps();
            SimulatedHost server = network.AddHost("server");
            SimulatedHost client = network.AddHost("client");

            // A file that is watched has a thread of its own.
            string[] arguments = ["--hostBuilder:reloadConfigOnChange=false"];
            WebApplication application = await server.RunAsync(selector =>
                apps.StartAsync(slim ? WebApplication.CreateSlimBuilder(arguments) : WebApplication.CreateBuilder(arguments), server, selector));
            await client.RunAsync(async selector =>
            {
                using HttpClient http = WebApps.CreateClient(selector);
                Assert.That(await WebApps.GetWithRetriesAsync(http, client.Time), Is.EqualTo("hello"));
            });
            await server.RunAsync(_ => application.StopAsync());
        },
        WebApps.Options);

    private static async Task AssertEchoAsync(HttpClient http, byte[] body, bool chunked, CancellationToken cancellationToken = default)
    {
        using var content = new ByteArrayContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);

        // Not Is.EqualTo, which would compare boxed bytes in more time than the requests take.
        Assert.That(answer.AsSpan().SequenceEqual(body), Is.True, $"{answer.Length} bytes in answer to {body.Length}");
    }

    private static Task RunAsync(Func<SimulatedNetwork, WebApps, SimulatedHost, SimulatedHost, Task> test) => Simulation.RunAsync(
        Seeds,
        async network =>
        {
            using var apps = new WebApps();
            await test(network, apps, network.AddHost("server"), network.AddHost("client"));
        },
        WebApps.Options);

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
