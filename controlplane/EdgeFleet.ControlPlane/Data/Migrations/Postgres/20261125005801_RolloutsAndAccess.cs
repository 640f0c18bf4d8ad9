using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RolloutsAndAccess : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<List<string>>(
                name: "Sites",
                table: "Users",
                type: "text[]",
                nullable: false);

            migrationBuilder.AddColumn<string>(
                name: "LastLook",
                table: "Rollouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Shadow",
                table: "DeviceSlots",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Role",
                table: "ApiTokens",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ShadowExamples",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    RolloutId = table.Column<long>(type: "bigint", nullable: false),
                    Device = table.Column<string>(type: "text", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Model = table.Column<string>(type: "text", nullable: false),
                    Answer = table.Column<string>(type: "text", nullable: false),
                    Confidence = table.Column<double>(type: "double precision", nullable: false),
                    CandidateAnswer = table.Column<string>(type: "text", nullable: false),
                    CandidateConfidence = table.Column<double>(type: "double precision", nullable: false),
                    Photo = table.Column<string>(type: "text", nullable: true),
                    Readings = table.Column<List<float>>(type: "real[]", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ShadowExamples", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ShadowExamples_Rollouts_RolloutId",
                        column: x => x.RolloutId,
                        principalTable: "Rollouts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ShadowExamples_RolloutId",
                table: "ShadowExamples",
                column: "RolloutId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ShadowExamples");

            migrationBuilder.DropColumn(
                name: "Sites",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "LastLook",
                table: "Rollouts");

            migrationBuilder.DropColumn(
                name: "Shadow",
                table: "DeviceSlots");

            migrationBuilder.DropColumn(
                name: "Role",
                table: "ApiTokens");
        }
    }
}
