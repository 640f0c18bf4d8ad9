using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Tests.Messages;

public sealed class EnrolmentTicketTests
{
    private static readonly EnrolmentTicket Ticket = new() { Url = new Uri("https://fleet.example:8443"), Token = "s3cret", Ca = Sha256Digest.Of("ca"u8) };

    [Fact]
    public void A_ticket_is_one_word_that_reads_back()
    {
        var word = Ticket.Format();
        Assert.DoesNotContain(word, c => char.IsWhiteSpace(c) || c is '+' or '/' or '=');
        Assert.Equal(Ticket, EnrolmentTicket.TryParse(word));
    }

    [Theory]
    [InlineData("")]
    [InlineData("efe1.")]
    [InlineData("efe1.####")]
    [InlineData("efe1.e30")]
    [InlineData("efe2.e30")]
    public void Anything_else_is_not_a_ticket(string word) => Assert.Null(EnrolmentTicket.TryParse(word));
}
