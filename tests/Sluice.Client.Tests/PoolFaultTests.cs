namespace Sluice.Client.Tests;

/// <summary>Functions of the user that break their contract.</summary>
public sealed class PoolFaultTests
{
    [Test]
    public async Task A_function_that_connects_and_returns_null_is_named_and_costs_no_place()
    {
        await using var pool = new ConnectionPool<Connection>(
            _ => ValueTask.FromResult<Connection>(null!), new ConnectionPoolOptions<Connection> { MaxConnections = 1 });
        for (int i = 0; i < 2; i++)
        {
            Exception? failure = await pool.RentAsync().OutcomeAsync();
            Assert.That(failure, Is.InstanceOf<InvalidOperationException>());
            Assert.That(failure!.Message, Does.Contain("returned null"));
        }

        Assert.That((pool.IdleConnections, pool.UsedConnections), Is.EqualTo((0, 0)));
    }
}
