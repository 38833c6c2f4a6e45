namespace Sluice.Hosting.Tests;

[TestFixture]
public sealed class SocketServerOptionsValidatorTests
{
    private static readonly TimeSpan[] s_times =
    [
        TimeSpan.MinValue, TimeSpan.FromSeconds(-1), Timeout.InfiniteTimeSpan, TimeSpan.Zero, new(1), TimeSpan.FromDays(24), TimeSpan.FromDays(24) + new TimeSpan(1),
        TimeSpan.FromDays(30), TimeSpan.MaxValue,
    ];

    private static readonly int[] s_numbers = [int.MinValue, -1, 0, 1, int.MaxValue];

    [TestCaseSource(nameof(s_times))]
    public void A_time_is_refused_if_the_sockets_would_refuse_it(TimeSpan time) => Assert.Multiple(() =>
    {
        AssertAgree((options, _) => options.Grace = time, () => new ServeOptions { Grace = time });
        AssertAgree((_, endPoint) => endPoint.SocketTimeout = time, () => new StreamSocketOptions { SocketTimeout = time });
        AssertAgree((_, endPoint) => endPoint.HandshakeTimeout = time, () => new TlsOptions { HandshakeTimeout = time });
        AssertAgree((_, endPoint) => endPoint.Certificate!.Interval = time, () => new WatchedCertificateOptions { Interval = time });
    });

    [TestCaseSource(nameof(s_numbers))]
    public void A_number_is_refused_if_the_sockets_would_refuse_it(int number) => Assert.Multiple(() =>
    {
        AssertAgree((options, _) => options.MaxConnections = number, () => new ServeOptions { MaxConnections = number });
        AssertAgree((options, _) => options.MaxConnectionsPerAddress = number, () => new ServeOptions { MaxConnectionsPerAddress = number });
        AssertAgree((_, endPoint) => endPoint.Backlog = number, () => new TcpListenerOptions { Backlog = number });
    });

    [Test]
    public void End_points_that_are_null_are_problems_and_no_failures()
    {
        var options = new SocketServerOptions { EndPoints = { ["a"] = null!, ["b"] = new SocketEndPointOptions { Url = null! } } };
        Assert.That(Problems(options), Has.Exactly(2).Contains("'' is not a valid URL"));
    }

    private static void AssertAgree(Action<SocketServerOptions, SocketEndPointOptions> configure, Func<object> configureSockets)
    {
        var options = new SocketServerOptions();
        SocketEndPointOptions endPoint = options.ListenTls("127.0.0.1", 0, new SocketCertificateOptions { Path = typeof(SocketServerOptionsValidatorTests).Assembly.Location });
        configure(options, endPoint);
        bool isRefused = false;
        try
        {
            configureSockets();
        }
        catch (ArgumentOutOfRangeException)
        {
            isRefused = true;
        }

        Assert.That(Problems(options), isRefused ? Has.Length.EqualTo(1) : Is.Empty);
    }

    private static string[] Problems(SocketServerOptions options)
    {
        var registration = new SocketServerRegistration("echo") { Connections = (_, _, _) => Task.CompletedTask };
        return [.. SocketServerOptionsValidator.Problems(registration, options)];
    }
}
