using Sluice.Cli.EndPoints;
using Sluice.Cli.Relay;

namespace Sluice.Cli.Tests.Relay;

[TestFixture]
public sealed class TargetListTests
{
    private static readonly Address[] s_addresses = [.. Enumerable.Range(1, 3).Select(port => new Address(AddressKind.Tcp, "localhost", port))];

    [Test]
    public void A_target_that_is_down_gives_its_share_to_all_others()
    {
        TargetList list = Create(Balance.RoundRobin);
        Target dead = list.All[1];
        Assert.That(Connect(list, dead, 12), Is.EqualTo(new[] { 6, 0, 6 }));
        dead.MarkUp();
        Assert.That(Connect(list, dead: null, 12), Is.EqualTo(new[] { 4, 4, 4 }));
    }

    [Test]
    public void A_list_that_replaces_another_goes_on_where_that_one_was()
    {
        TargetList list = Create(Balance.RoundRobin);
        Assert.That(Connect(list, dead: null, 1), Is.EqualTo(new[] { 1, 0, 0 }));
        Assert.That(Connect(Create(Balance.RoundRobin, list), dead: null, 2), Is.EqualTo(new[] { 0, 1, 1 }));
    }

    [Test]
    public void The_first_target_gets_all_connections_until_it_is_down()
    {
        TargetList list = Create(Balance.First);
        Assert.That(Connect(list, dead: null, 4), Is.EqualTo(new[] { 4, 0, 0 }));
        Assert.That(Connect(list, list.All[0], 4), Is.EqualTo(new[] { 0, 4, 0 }));
    }

    [Test]
    public void The_target_with_the_fewest_connections_is_the_next()
    {
        TargetList list = Create(Balance.Least);
        list.All[0].Enter();
        list.All[0].Enter();
        list.All[1].Enter();
        Assert.That(list.InOrder(), Is.EqualTo(new[] { list.All[2], list.All[1], list.All[0] }));
        list.All[2].MarkDown(TimeProvider.System.GetTimestamp());
        Assert.That(list.InOrder(), Is.EqualTo(new[] { list.All[1], list.All[0], list.All[2] }));
    }

    private static TargetList Create(Balance balance, TargetList? earlier = null) => new(s_addresses, balance, TimeSpan.FromHours(1), TimeProvider.System, earlier);

    // How many connections each target gets.
    private static int[] Connect(TargetList list, Target? dead, int connections)
    {
        int[] counts = new int[list.All.Count];
        for (int i = 0; i < connections; i++)
        {
            foreach (Target target in list.InOrder())
            {
                if (target != dead)
                {
                    counts[list.All.ToList().IndexOf(target)]++;
                    break;
                }

                target.MarkDown(TimeProvider.System.GetTimestamp());
            }
        }

        return counts;
    }
}
