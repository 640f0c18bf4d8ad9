using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Identity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Revoked",
                table: "IssuedCertificates",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RevokedReason",
                table: "IssuedCertificates",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Via",
                table: "IssuedCertificates",
                type: "TEXT",
                nullable: false,
                defaultValue: "token");

            migrationBuilder.AddColumn<int>(
                name: "Uses",
                table: "EnrolmentTokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "WithdrawnBy",
                table: "EnrolmentTokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CommandNumber",
                table: "Devices",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "IsCloned",
                table: "Devices",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "QuarantineReason",
                table: "Devices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Quarantined",
                table: "Devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RecentHellos",
                table: "Devices",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<long>(
                name: "Retired",
                table: "Devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RevokedReason",
                table: "Devices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Title",
                table: "Devices",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "Commands",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Device = table.Column<string>(type: "TEXT", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", nullable: false),
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    Envelope = table.Column<string>(type: "TEXT", nullable: false),
                    AskedBy = table.Column<string>(type: "TEXT", nullable: false),
                    Asked = table.Column<long>(type: "INTEGER", nullable: false),
                    ApprovedBy = table.Column<string>(type: "TEXT", nullable: true),
                    Ended = table.Column<long>(type: "INTEGER", nullable: true),
                    Answer = table.Column<string>(type: "TEXT", nullable: true),
                    RowVersion = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Commands", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "EnrolmentAsks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Key = table.Column<string>(type: "TEXT", nullable: false),
                    Wish = table.Column<string>(type: "TEXT", nullable: false),
                    Hardware = table.Column<string>(type: "TEXT", nullable: false),
                    Address = table.Column<string>(type: "TEXT", nullable: false),
                    Replaces = table.Column<bool>(type: "INTEGER", nullable: false),
                    Asked = table.Column<long>(type: "INTEGER", nullable: false),
                    LastAsked = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", nullable: false),
                    Device = table.Column<string>(type: "TEXT", nullable: true),
                    Site = table.Column<string>(type: "TEXT", nullable: false),
                    Tags = table.Column<string>(type: "TEXT", nullable: false),
                    DecidedBy = table.Column<string>(type: "TEXT", nullable: true),
                    Decided = table.Column<long>(type: "INTEGER", nullable: true),
                    Reason = table.Column<string>(type: "TEXT", nullable: true),
                    RowVersion = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EnrolmentAsks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ListedKeys",
                columns: table => new
                {
                    Key = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Site = table.Column<string>(type: "TEXT", nullable: false),
                    Tags = table.Column<string>(type: "TEXT", nullable: false),
                    AddedBy = table.Column<string>(type: "TEXT", nullable: false),
                    Added = table.Column<long>(type: "INTEGER", nullable: false),
                    UsedBy = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ListedKeys", x => x.Key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_IssuedCertificates_Key",
                table: "IssuedCertificates",
                column: "Key");

            migrationBuilder.CreateIndex(
                name: "IX_Commands_Device_Asked",
                table: "Commands",
                columns: new[] { "Device", "Asked" });

            migrationBuilder.CreateIndex(
                name: "IX_Commands_State",
                table: "Commands",
                column: "State");

            migrationBuilder.CreateIndex(
                name: "IX_EnrolmentAsks_Key",
                table: "EnrolmentAsks",
                column: "Key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_EnrolmentAsks_State",
                table: "EnrolmentAsks",
                column: "State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Commands");

            migrationBuilder.DropTable(
                name: "EnrolmentAsks");

            migrationBuilder.DropTable(
                name: "ListedKeys");

            migrationBuilder.DropIndex(
                name: "IX_IssuedCertificates_Key",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "Revoked",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "RevokedReason",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "Via",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "Uses",
                table: "EnrolmentTokens");

            migrationBuilder.DropColumn(
                name: "WithdrawnBy",
                table: "EnrolmentTokens");

            migrationBuilder.DropColumn(
                name: "CommandNumber",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "IsCloned",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "QuarantineReason",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "Quarantined",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "RecentHellos",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "Retired",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "RevokedReason",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "Title",
                table: "Devices");
        }
    }
}
